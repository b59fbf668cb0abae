/** What stands at the right: the thing the address selects, or the raw frame that was opened from it. */
import { ArrowLeftOutlined, CloseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { lazy, type JSX } from 'react'
import { ApiError } from '../api/http'
import { kindOf, useMover } from '../api/queries'
import { Part } from '../parts/boundary'
import { Failure, Skeleton } from '../parts/states'
import { patch, useParam } from '../state/address'
import { t } from '../text/catalogue'
import type { Pages } from './registry'

const CasePanel = lazy(() => import('../detail/CasePanel'))
const MoverPanel = lazy(() => import('../detail/MoverPanel'))

export function DetailPanel({ urn, pages }: { urn: string | null; pages: Pages | undefined }): JSX.Element | null {
  const frame = useParam('frame')
  // A frame is explained by whoever shows the selected thing and has an explainer, else by the first that has one.
  const explainers = (pages?.domains ?? []).filter((page) => page.frame)
  const Explainer = (explainers.find((page) => urn && page.details?.[kindOf(urn)]) ?? explainers[0])?.frame
  const explaining = frame !== null && Explainer !== undefined
  return (
    <>
      {explaining && (
        <div className="tq-page">
          <header className="tq-page-head">
            <Button type="text" size="small" icon={<ArrowLeftOutlined />} aria-label={t('action.back')} onClick={() => patch({ frame: null })} />
            <h1>{t('frame.raw')}</h1>
            <CloseButton />
          </header>
          <div className="tq-page-body">
            <Part key={frame}>
              <Explainer frame={frame} />
            </Part>
          </div>
        </div>
      )}
      {urn && (
        // Kept behind the frame: its track stays on the map, its player at the bottom.
        <div className="tq-behind" hidden={explaining}>
          {kindOf(urn) === 'case' ? (
            <Part key={urn}>
              <CasePanel urn={urn} pages={pages} />
            </Part>
          ) : (
            <Thing key={urn} urn={urn} pages={pages} />
          )}
        </div>
      )}
    </>
  )
}

export function CloseButton(): JSX.Element {
  return <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('action.close_detail')} onClick={() => patch({ sel: null, tab: null, frame: null, from: null, to: null })} />
}

function Thing({ urn, pages }: { urn: string; pages: Pages | undefined }): JSX.Element {
  const mover = useMover(urn, 5000)
  const details = (pages?.domains ?? []).flatMap((page) => {
    const Detail = page.details?.[kindOf(urn)]
    return Detail ? [{ id: page.id, Detail }] : []
  })
  const notMoving = mover.error instanceof ApiError && mover.error.status === 404
  const still = mover.data && !mover.data.position && details.length > 0
  if (mover.data && !still) {
    return (
      <Part>
        <MoverPanel mover={mover.data} failed={mover.isRefetchError ? mover.error : null} actions={(pages?.domains ?? []).flatMap((page) => page.actions ?? [])}>
          {details.map(({ id, Detail }) => (
            <Part key={id} rows={3}>
              <Detail urn={urn} />
            </Part>
          ))}
        </MoverPanel>
      </Part>
    )
  }
  return (
    <div className="tq-page">
      <header className="tq-page-head">
        <h1>{mover.data?.label ?? (details.length ? t('frame.detail') : urn)}</h1>
        <CloseButton />
      </header>
      <div className="tq-page-body">
        {mover.isPending && <Skeleton />}
        {(notMoving || still) && details.map(({ id, Detail }) => (
          <Part key={id}>
            <Detail urn={urn} />
          </Part>
        ))}
        {mover.error && !(notMoving && details.length) && <Failure error={mover.error} again={() => void mover.refetch()} />}
      </div>
    </div>
  )
}
