/** What the browser keeps between visits; nothing where it may not (a page that another site frames). */
export const kept = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(`tongqu.${name}`)
    } catch {
      return null
    }
  },
  set(name: string, value: string): void {
    try {
      localStorage.setItem(`tongqu.${name}`, value)
    } catch {
      // nothing is kept
    }
  },
}
