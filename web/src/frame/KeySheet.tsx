import { Modal } from 'antd'
import type { JSX } from 'react'
import { shortcuts } from '../parts/keys'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'

const ALWAYS: [string[], string][] = [
  [['/', 'Ctrl K'], 'keys.search'],
  [['j', 'k'], 'keys.walk'],
  [['Enter'], 'keys.open'],
  [['Esc'], 'keys.close'],
  [['m'], 'keys.map'],
  [['+', '-'], 'keys.zoom'],
  [['l'], 'keys.live'],
  [['d'], 'keys.theme'],
  [['Shift J'], 'keys.jobs'],
  [['?'], 'keys.help'],
]

/** What the keys do: those of the frame, and those of the page that is open. */
export default function KeySheet({ onClose }: { onClose: () => void }): JSX.Element {
  const own = useStore(shortcuts)
  return (
    <Modal open title={t('keys.title')} onCancel={onClose} footer={null} width={520}>
      <dl className="tq-keys">
        {own.map((item) => (
          <Row key={item.keys} keys={[item.keys]} text={item.text} />
        ))}
        {ALWAYS.map(([keys, text]) => (
          <Row key={text} keys={keys} text={t(text)} />
        ))}
      </dl>
    </Modal>
  )
}

function Row({ keys, text }: { keys: string[]; text: string }): JSX.Element {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{text}</dd>
    </div>
  )
}
