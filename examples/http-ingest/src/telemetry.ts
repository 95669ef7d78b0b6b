export type Telemetry = readonly {
  readonly measurement: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | boolean | string>>;
  /** RFC 3339, to the millisecond. */
  readonly time: string;
}[];

/** Fastify answers 400 to a body that does not fit. */
export const telemetrySchema = {
  body: {
    type: 'array',
    minItems: 1,
    maxItems: 10_000,
    items: {
      type: 'object',
      required: ['measurement', 'fields', 'time'],
      additionalProperties: false,
      properties: {
        measurement: { type: 'string', minLength: 1 },
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        fields: { type: 'object', minProperties: 1, additionalProperties: { type: ['number', 'boolean', 'string'] } },
        // Finer than a millisecond, a Date would cut it off without a word.
        time: { type: 'string', format: 'date-time', pattern: '^[^.]*([.]\\d{1,3})?(Z|[+-]\\d\\d:\\d\\d)$' },
      },
    },
  },
} as const;
