// Small comforts. Every page works without this file: it adds, and never carries, what a person needs.
// Plain ES module, loaded from our own origin under script-src 'self'; it writes no inline style or handler.

const LONG_LIST = 12 // options; from here on a list gets a box to narrow it

/** An error summary takes the focus, so that it is the first thing read out. */
function focusErrors () {
  document.querySelector('[data-error-summary]')?.focus()
}

/** One open filter at a time; a click elsewhere or Escape closes it and gives the focus back. */
function closePicks (except) {
  for (const pick of document.querySelectorAll('details.pick[open]')) {
    if (pick !== except && !pick.closest('.filter--error')) pick.open = false
  }
}

function managePicks () {
  document.addEventListener('click', (event) => closePicks(event.target.closest?.('details.pick')))
  document.addEventListener('keydown', (event) => {
    const pick = event.key === 'Escape' && event.target.closest?.('details.pick[open]')
    if (!pick) return
    pick.open = false
    pick.querySelector('summary').focus()
  })
  for (const pick of document.querySelectorAll('details.pick')) {
    pick.addEventListener('change', () => describePick(pick))
    const options = pick.querySelectorAll('.tick')
    if (options.length > LONG_LIST) addFinder(pick, options)
  }
}

/** The control's own words follow the ticks: "Any", the one value, or how many. */
function describePick (pick) {
  const value = pick.querySelector('.pick__value')
  const ticks = [...pick.querySelectorAll('.tick input:checked')]
  if (!value || !pick.querySelector('.tick')) return
  value.textContent = ticks.length === 0 ? 'Any'
    : ticks.length === 1 ? ticks[0].closest('.tick').textContent.trim() : `${ticks.length} chosen`
}

/** A box above a long list that narrows it as one types. */
function addFinder (pick, options) {
  const template = document.getElementById('finder')
  if (!template) return
  const box = template.content.cloneNode(true)
  const input = box.querySelector('input')
  input.setAttribute('aria-label', `Narrow the list: ${pick.querySelector('legend').textContent.trim()}`)
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault() })
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase()
    for (const option of options) option.hidden = !option.textContent.toLowerCase().includes(wanted)
  })
  pick.querySelector('.pick__options').before(box)
}

const iso = (date) => date.toISOString().slice(0, 10)
const utc = (year, month, day) => new Date(Date.UTC(year, month, day))

/** First and last day of each preset, counted from the report's as-at day (UTC, both inclusive). */
export function presetRange (name, day) {
  const d = new Date(`${day}T00:00:00Z`)
  const [year, month] = [d.getUTCFullYear(), d.getUTCMonth()]
  const quarter = Math.floor(month / 3) * 3
  switch (name) {
    case 'week': return [iso(utc(year, month, d.getUTCDate() - 6)), day]
    case 'month': return [iso(utc(year, month, 1)), day]
    case 'quarter': return [iso(utc(year, quarter - 3, 1)), iso(utc(year, quarter, 0))]
    case 'year': return [iso(utc(year, 0, 1)), day]
    default: return ['', '']
  }
}

function managePresets () {
  for (const group of document.querySelectorAll('[data-presets]')) {
    group.hidden = false
    group.addEventListener('click', (event) => {
      const name = event.target.dataset?.preset
      if (!name) return
      const inputs = group.closest('.pick__panel').querySelectorAll('input[type="date"]')
      presetRange(name, group.dataset.presets).forEach((value, index) => {
        if (inputs[index]) inputs[index].value = value
      })
    })
  }
}

/** Empty filters stay out of the address, so that a copied link is short and says only what was asked. */
function tidySubmits () {
  for (const form of document.querySelectorAll('form[data-tidy]')) {
    form.addEventListener('submit', () => {
      for (const control of form.elements) {
        if (control.name && control.value === '' && !control.multiple) control.disabled = true
      }
    })
  }
  // Back from the next page: what was disabled for the journey is usable again.
  window.addEventListener('pageshow', () => {
    for (const control of document.querySelectorAll('form[data-tidy] :disabled')) control.disabled = false
  })
}

/** What the keyboard reaches in a wide table comes out from under the first column, and in from beyond the edge. */
function revealFocus () {
  for (const grid of document.querySelectorAll('.grid')) {
    grid.addEventListener('focusin', ({ target }) => {
      if (target !== grid && target.matches(':focus-visible')) target.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    })
  }
}

function manageButtons () {
  const status = document.querySelector('[data-copy-status]')
  for (const button of document.querySelectorAll('[data-copy-link], [data-print]')) button.hidden = false
  document.addEventListener('click', async (event) => {
    const target = event.target.closest?.('button')
    if (target?.hasAttribute('data-print')) window.print()
    if (!target?.hasAttribute('data-copy-link')) return
    try {
      await navigator.clipboard.writeText(window.location.href)
      status.textContent = 'Link copied'
    } catch {
      status.textContent = 'Your browser did not allow it: copy the address from the address bar'
    }
  })
}

if (typeof document !== 'undefined') {
  focusErrors()
  managePicks()
  managePresets()
  tidySubmits()
  manageButtons()
  revealFocus()
}
