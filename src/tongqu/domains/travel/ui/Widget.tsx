import type { JSX } from 'react'
import Planner from './Planner'
import { SettingContext } from './setting'

/** The planner within the page of another site: `from`, `to` and their names (`fn`, `tn`) are preset by its address. */
export default function Widget(): JSX.Element {
  return (
    <SettingContext value="widget">
      <Planner />
    </SettingContext>
  )
}
