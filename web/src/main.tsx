import { createRoot } from 'react-dom/client'
import { App } from './App'
import { loadCatalogue, preferredLanguage } from './text/catalogue'
import { applyLayout, applyTheme } from './theme/theme'
import './theme/base.css'

applyTheme()
applyLayout()
// After an upgrade the parts of the old page are gone: read the new one, once.
window.addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem('tongqu.reloaded') === location.href) return
  sessionStorage.setItem('tongqu.reloaded', location.href)
  event.preventDefault()
  location.reload()
})
void loadCatalogue(preferredLanguage()).then(() => createRoot(document.getElementById('root')!).render(<App />))
