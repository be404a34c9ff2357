// The last latencies of a cluster as a small line, with a gap and a mark for each missing response.

import { drawn } from './elements.js'

export const LENGTH = 30
const WIDTH = 84
const HEIGHT = 22
const FLAT_BELOW_MS = 10 // small differences are not drawn as mountains

/** Returns an image of values in milliseconds, the oldest first; null: no response. */
export function sparkline(values) {
  const highest = Math.max(FLAT_BELOW_MS, ...values.map((value) => value ?? 0))
  const x = (index) => WIDTH - 3 - (values.length - 1 - index) * ((WIDTH - 6) / (LENGTH - 1))
  const y = (value) => HEIGHT - 3 - (value / highest) * (HEIGHT - 6)
  const image = drawn('svg', { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, 'aria-hidden': 'true' })
  image.append(drawn('path', { class: 'ground', d: `M3 ${HEIGHT - 1.5}H${WIDTH - 3}` }))
  for (const run of runs(values)) {
    const points = run.map(({ value, index }) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`)
    image.append(drawn('polyline', { points: points.join(' ') }))
  }
  values.forEach((value, index) => {
    if (value === null) image.append(drawn('path', { class: 'gap', d: `M${(x(index) - 2).toFixed(1)} ${HEIGHT - 5}l4 4m0-4l-4 4` }))
  })
  const last = values.at(-1)
  if (typeof last === 'number') image.append(drawn('circle', { cx: x(values.length - 1), cy: y(last), r: 2.2 }))
  return image
}

/** Returns the runs of neighbouring values. */
function runs(values) {
  const all = [[]]
  values.forEach((value, index) => (value === null ? all.push([]) : all.at(-1).push({ value, index })))
  return all.filter((run) => run.length > 1)
}
