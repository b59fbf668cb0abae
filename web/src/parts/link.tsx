/** Links within the page: real addresses, so that they can be copied and opened elsewhere. */
import type { AnchorHTMLAttributes, JSX } from 'react'
import { go, href, type Patch, usePath } from '../state/address'

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** A page; absent: the page one is on. */
  to?: string
  patch?: Patch
}

export function Link({ to, patch, onClick, children, ...rest }: LinkProps): JSX.Element {
  const path = usePath()
  const target = to ?? path
  return (
    <a
      {...rest}
      href={href(target, patch)}
      onClick={(event) => {
        onClick?.(event)
        if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        go(target, patch)
      }}
    >
      {children}
    </a>
  )
}
