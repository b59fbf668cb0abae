/** The rows of a resource as the address asks for them: text, filters, order; page after page by cursor. */
import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query'
import { get, type Query } from '../api/http'
import { useRegions } from '../api/queries'
import type { Resource, Row, RowPage } from '../api/types'
import { useFilters, useParam } from '../state/address'
import { sent } from './filterValue'
import { within } from './within'

export const PAGE_ROWS = 200

/** The query of a list without its paging: also that of its export. */
export function useListQuery(resource: Resource): Query {
  const q = useParam('q')
  const sort = useParam('sort')
  const region = useParam('region')
  const [, filters] = useFilters()
  const { data: regions } = useRegions()
  const query: Query = { q, sort }
  const columns = new Map(resource.columns.map((column) => [column.name, column]))
  for (const [name, value] of filters) if (columns.has(name)) query[`filter.${name}`] = sent(columns.get(name)!, value)
  const home = resource.columns.find((column) => column.type === 'region' && column.filter)
  if (home && region && !query[`filter.${home.name}`]) query[`filter.${home.name}`] = within(region, regions ?? [])
  return query
}

export function useRows(resource: Resource, query: Query): UseInfiniteQueryResult<InfiniteData<RowPage>> {
  return useInfiniteQuery({
    queryKey: ['rows', resource.id, query],
    initialPageParam: '' as string,
    queryFn: ({ pageParam, signal }) => get<RowPage>(resource.path, { ...query, limit: PAGE_ROWS, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  })
}

export const flat = (data: InfiniteData<RowPage> | undefined): Row[] => data?.pages.flatMap((page) => page.items) ?? []
