/** How the kinds of things along a road are told apart: a letter and a colour token, as on the map. */
export const KINDS: Record<string, { letter: string; color: string }> = {
  toll_station: { letter: 'T', color: 'category-1' },
  service_area: { letter: 'P', color: 'category-4' },
  tunnel: { letter: 'U', color: 'category-8' },
  bridge: { letter: 'B', color: 'category-2' },
  gantry: { letter: 'G', color: 'category-7' },
  message_sign: { letter: 'M', color: 'category-5' },
  weather_station: { letter: 'W', color: 'category-3' },
  camera: { letter: 'C', color: 'category-6' },
}
