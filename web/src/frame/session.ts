import { createContext, use } from 'react'
import { allowed } from '../api/queries'
import type { Session } from '../api/types'

export const SessionContext = createContext<Session | null>(null)

export const useActor = (): Session => use(SessionContext)!

/** Whether the person may do it. */
export function useMay(permission: string | null | undefined): boolean {
  return allowed(use(SessionContext), permission)
}
