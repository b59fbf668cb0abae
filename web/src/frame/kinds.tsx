/** A mark for each kind of thing; a kind that has none gets a plain one. */
import { AlertOutlined, ApartmentOutlined, BankOutlined, BranchesOutlined, CarOutlined, ClusterOutlined, CompassOutlined, EnvironmentOutlined, FileTextOutlined, FlagOutlined, HddOutlined, IdcardOutlined, NodeIndexOutlined, PushpinOutlined, RocketOutlined, TagOutlined, UserOutlined, VideoCameraOutlined } from '@ant-design/icons'
import type { ComponentType, JSX } from 'react'

const MARKS: Record<string, ComponentType> = {
  vehicle: CarOutlined,
  terminal: HddOutlined,
  enterprise: BankOutlined,
  organisation: BankOutlined,
  driver: IdcardOutlined,
  person: UserOutlined,
  place: EnvironmentOutlined,
  region: ApartmentOutlined,
  route: BranchesOutlined,
  road: BranchesOutlined,
  stake: FlagOutlined,
  ship: RocketOutlined,
  vessel: RocketOutlined,
  stop: PushpinOutlined,
  station: PushpinOutlined,
  line: NodeIndexOutlined,
  camera: VideoCameraOutlined,
  incident: AlertOutlined,
  alarm: AlertOutlined,
  case: FileTextOutlined,
  document: FileTextOutlined,
  berth: CompassOutlined,
  gantry: ClusterOutlined,
}

export function KindMark({ kind }: { kind: string }): JSX.Element {
  const Mark = MARKS[kind] ?? MARKS[kind.split(/[_.-]/).at(-1) ?? ''] ?? TagOutlined
  return <Mark />
}
