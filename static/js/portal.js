// Small comforts. Every page works without this file: it adds, and never carries, what a person needs.
// Plain ES module, loaded from our own origin under script-src 'self'; it writes no inline style or handler.

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
    pick.addEventListener('toggle', () => keepInSight(pick))
    const finder = pick.querySelector('[data-find]')
    if (finder) (finder.dataset.find === 'add' ? manageAdding : manageNarrowing)(pick, finder)
  }
}

/** A panel near the window's right edge hangs from the other end of its control. */
function keepInSight (pick) {
  const panel = pick.querySelector('.pick__panel')
  if (pick.open && panel?.getBoundingClientRect().right > document.documentElement.clientWidth) {
    pick.classList.add('pick--end')
  }
}

/** The control's own words follow the ticks: "Any", the one value, or how many. */
function describePick (pick) {
  const value = pick.querySelector('.pick__value')
  const ticks = [...pick.querySelectorAll('[data-options] input:checked')]
  if (!value || !pick.querySelector('[data-options] .tick')) return
  value.textContent = ticks.length === 0 ? 'Any'
    : ticks.length === 1 ? ticks[0].closest('.tick').textContent.trim() : `${ticks.length} chosen`
}

/** A line that is read out when it changes, below a box to type in. */
function statusBelow (box) {
  const line = document.createElement('p')
  line.className = 'govuk-visually-hidden'
  line.setAttribute('role', 'status')
  box.after(line)
  return line
}

/** Every value has its tick: what is typed narrows the list, and Enter ticks the first that is left. */
function manageNarrowing (pick, box) {
  const status = statusBelow(box)
  const lines = [...pick.querySelectorAll('.tick-line')]
  box.removeAttribute('list') // the ticks are the list; half a word is no value
  box.removeAttribute('name')
  const narrow = () => {
    const wanted = box.value.trim().toLowerCase()
    const left = lines.filter((line) => {
      line.hidden = !line.querySelector('.tick').textContent.toLowerCase().includes(wanted)
      return !line.hidden
    })
    status.textContent = wanted ? `${left.length} of ${lines.length} left` : ''
    return left
  }
  box.addEventListener('input', narrow)
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    const tick = box.value.trim() && narrow()[0]?.querySelector('input')
    if (!tick) return
    tick.checked = true
    box.value = ''
    narrow()
    status.textContent = `Ticked ${tick.value}`
    describePick(pick)
  })
}

/** Too many values for ticks: one that is typed or taken from the suggestions gets a tick of its own. */
function manageAdding (pick, box) {
  const status = statusBelow(box)
  const options = pick.querySelector('[data-options]')
  const [name, known] = [box.name, new Set([...box.list.options].map((option) => option.value))]
  const add = () => {
    const value = box.value.trim()
    if (!value) return
    let tick = [...options.querySelectorAll('input')].find((input) => input.value === value)
    if (!tick) {
      tick = Object.assign(document.createElement('input'), { type: 'checkbox', name, value })
      const [line, label, text] = ['div', 'label', 'span'].map((tag) => document.createElement(tag))
      text.textContent = value
      label.className = 'tick'
      label.append(tick, text)
      line.className = 'tick-line'
      line.append(label)
      options.append(line)
    }
    tick.checked = true
    box.value = ''
    status.textContent = `Ticked ${value}`
    describePick(pick)
  }
  box.addEventListener('input', () => { if (known.has(box.value)) add() })
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    add()
  })
  pick.addEventListener('toggle', () => { if (!pick.open) add() })
}

/** The chooser's rows move at once; without script the server moves them. */
function manageChooser () {
  for (const form of document.querySelectorAll('[data-chooser]')) {
    form.addEventListener('click', (event) => {
      const button = event.target.closest?.('button[name="move"]')
      if (!button) return
      event.preventDefault()
      const row = button.closest('li')
      const up = button.value.startsWith('up:')
      const other = up ? row.previousElementSibling : row.nextElementSibling
      if (!other?.querySelector('button[name="move"]')) return
      up ? other.before(row) : other.after(row)
      const moves = [...form.querySelectorAll('button[name="move"]')]
      for (const [place, one] of moves.entries()) one.disabled = place === 0 || place === moves.length - 1
      const next = button.disabled ? row.querySelector('button[name="move"]:not(:disabled)') : button
      next?.focus()
    })
  }
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
  manageChooser()
}
