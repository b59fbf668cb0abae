/** A part that fails says so in its place; the rest of the page goes on. */
import { Component, Suspense, type ErrorInfo, type JSX, type ReactNode } from 'react'
import { Failure, Skeleton } from './states'

class Boundary extends Component<{ children: ReactNode; onError?: (error: Error) => void }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack)
    this.props.onError?.(error)
  }

  override render(): ReactNode {
    const { error } = this.state
    return error ? <Failure error={error} again={() => this.setState({ error: null })} /> : this.props.children
  }
}

/** A lazily loaded part with its skeleton and its own failure. */
export function Part({ children, rows = 6, quiet = false }: { children: ReactNode; rows?: number; quiet?: boolean }): JSX.Element {
  return (
    <Boundary>
      <Suspense fallback={quiet ? null : <Skeleton rows={rows} />}>{children}</Suspense>
    </Boundary>
  )
}
