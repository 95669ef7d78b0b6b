/** What a device posts. */
export type Telemetry = readonly {
  readonly measurement: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | boolean | string>>;
  /** RFC 3339, with milliseconds at the finest. */
  readonly time: string;
}[];

/** The schema of a request. Fastify answers 400 to a body that does not match it. */
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
        // A `Date` would silently cut off what is finer than a millisecond.
        time: { type: 'string', format: 'date-time', pattern: '^[^.]*([.]\\d{1,3})?(Z|[+-]\\d\\d:\\d\\d)$' },
      },
    },
  },
} as const;
