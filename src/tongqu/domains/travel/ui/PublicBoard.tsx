import type { JSX } from 'react'
import BoardPage from './BoardPage'
import { SettingContext } from './setting'

/** The board of a stop for people who are not signed in. */
export default function PublicBoard(): JSX.Element {
  return (
    <SettingContext value="public">
      <BoardPage />
    </SettingContext>
  )
}
