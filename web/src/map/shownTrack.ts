import type { TrackColumns } from '../api/types'
import { store } from '../state/store'

/** The track that is drawn on the map. */
export const shownTrack = store<TrackColumns | null>(null)
