import type { IPoint } from 'influx';

interface Device {
  readonly tags: Readonly<Record<string, string>>;
  temperature: number;
  battery: number;
}

const sites = ['Berlin', 'New York', 'São Paulo', '東京'];

/** Simulates devices whose readings drift; each call reads every device once. */
export class DeviceFleet {
  readonly #devices: readonly Device[];

  constructor(count: number) {
    this.#devices = Array.from({ length: count }, (_, i) => ({
      tags: {
        device: `device-${String(i).padStart(5, '0')}`,
        site: sites[i % sites.length] ?? '',
        firmware: `4.${i % 7}`,
      },
      temperature: 15 + Math.random() * 10,
      battery: 20 + Math.random() * 80,
    }));
  }

  read(): IPoint[] {
    return this.#devices.map((device) => {
      device.temperature += Math.random() - 0.5;
      device.battery = Math.max(0, device.battery - Math.random() * 0.01);
      return {
        measurement: 'device',
        tags: device.tags,
        fields: {
          temperature: device.temperature,
          battery: device.battery,
          charging: device.battery < 25,
          state: device.temperature > 30 ? 'too hot, "check" the fan' : 'ok',
        },
      };
    });
  }
}
