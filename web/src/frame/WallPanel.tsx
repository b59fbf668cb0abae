/** On a wall screen: the entries that ask for a side of the map, one below the other. */
import type { JSX } from 'react'
import { Part } from '../parts/boundary'
import { Link } from '../parts/link'
import { t } from '../text/catalogue'
import { wallEntries, type Pages } from './registry'

export function WallPanel({ pages, side }: { pages: Pages; side: 'left' | 'right' }): JSX.Element {
  return (
    <div className="tq-wall">
      {wallEntries(pages, side).map(({ page, entry }) => {
        const Body = entry.component!
        return (
          <section key={`${page.id}/${entry.id}`} className="tq-wall-part" aria-label={t(entry.title)}>
            <header className="tq-page-head">
              <h1>
                <Link to={`/${page.id}/${entry.id}`}>{t(entry.title)}</Link>
              </h1>
            </header>
            <div className="tq-page-body">
              <Part>
                <Body />
              </Part>
            </div>
          </section>
        )
      })}
    </div>
  )
}
