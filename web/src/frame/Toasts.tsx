import { CloseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { JSX } from 'react'
import { dismiss, rest, toasts } from '../parts/toast'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'

/** The notices of the moment, read out politely; the newest is the lowest. */
export function Toasts(): JSX.Element {
  const shown = useStore(toasts)
  return (
    <div className="tq-toasts" role="log" aria-live="polite" aria-label={t('toast.title')}>
      {shown.map((item) => (
        <article key={item.key} className={`tq-toast is-${item.tone ?? 'plain'}`} onPointerEnter={() => rest(item.key)}>
          <div className="tq-grow">
            <p className="tq-strong">{item.title}</p>
            {item.text && <p>{item.text}</p>}
            {item.open && (
              <button
                type="button"
                className="tq-linklike"
                onClick={() => {
                  item.open?.()
                  dismiss(item.key)
                }}
              >
                {item.action ?? t('action.open')}
              </button>
            )}
          </div>
          <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('action.close')} onClick={() => dismiss(item.key)} />
        </article>
      ))}
    </div>
  )
}
