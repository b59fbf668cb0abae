import { createRoot } from 'react-dom/client'
import { App } from './App'
import { loadCatalogue, preferredLanguage } from './text/catalogue'
import { applyTheme } from './theme/theme'
import './theme/base.css'

applyTheme()
void loadCatalogue(preferredLanguage()).then(() => createRoot(document.getElementById('root')!).render(<App />))
