// What a page shows wrongly, told by the page itself as it stands: a hundred times as quick as asking from outside.
// Lines of text, none when all is well. `test_sweep.py` shows that each kind is seen.
({ whole, colours, layout, targets }) => {
  const found = []
  const words = element => element.outerHTML.replace(/\s+/g, ' ').slice(0, 160)
  const main = document.documentElement

  if (whole) {
    const headings = document.querySelectorAll('h1').length
    if (headings !== 1) found.push(`${headings} first headings`)
    if (!document.title.endsWith(' – SMI Portal')) found.push(`title ${document.title}`)
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id)
    for (const id of new Set(ids)) {
      if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`two elements have the id ${id}`)
    }
  }

  if (layout) {
    const beyond = main.scrollWidth - main.clientWidth
    if (beyond > 0) found.push(`${beyond} px wider than the window`)
    for (const element of document.querySelectorAll('main *:not(.govuk-visually-hidden, svg, svg *)')) {
      if (element.scrollWidth <= element.clientWidth + 1 && element.scrollHeight <= element.clientHeight + 1) continue
      const style = getComputedStyle(element)
      if (element.clientWidth <= 1 || style.overflow !== 'hidden' || style.textOverflow === 'ellipsis') continue
      found.push(`text is cut off: ${words(element)}`)
    }
  }

  // What is pressed is 24 px high and wide, or stands so free that a circle of 24 px is its own: WCAG 2.5.8. Links in a
  // sentence are exempt. What scrolls can be reached by keyboard: WCAG 2.1.1.
  if (targets) {
    const pressed = 'a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex="0"]'
    const shown = [...document.querySelectorAll(pressed)].filter(element => {
      const box = element.getBoundingClientRect()
      return box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true })
    })
    const inSentence = element => getComputedStyle(element).display === 'inline' &&
      [...element.parentElement.childNodes].some(node => node.nodeType === Node.TEXT_NODE && /\w/.test(node.data))
    const boxes = shown.map(element => {
      const box = element.getBoundingClientRect()
      const label = element.matches('input[type=checkbox], input[type=radio]') && element.labels[0]?.getBoundingClientRect()
      return { element, box, small: (box.width < 23.5 || box.height < 23.5) && !(label?.height >= 23.5) }
    })
    const gap = (box, x, y) => Math.hypot(
      Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom))
    for (const { element, box, small } of boxes) {
      if (!small || inSentence(element)) continue
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
      const close = boxes.find(other => other.element !== element &&
        !other.element.contains(element) && !element.contains(other.element) &&
        (gap(other.box, x, y) < 11.5 || (other.small && Math.hypot(
          (other.box.left + other.box.right) / 2 - x, (other.box.top + other.box.bottom) / 2 - y) < 23.5)))
      if (close) found.push(`hard to press (${box.width.toFixed()} × ${box.height.toFixed()}): ${words(element)}`)
    }
    for (const element of document.querySelectorAll('main *')) {
      if (element.scrollWidth <= element.clientWidth + 1 && element.scrollHeight <= element.clientHeight + 1) continue
      if (!/auto|scroll/.test(getComputedStyle(element).overflow) || element.matches('textarea, select')) continue
      if (element.tabIndex < 0 && !element.querySelector(pressed)) found.push(`scrolls, out of reach: ${words(element)}`)
    }
  }

  // Contrast of text with the ground that its ancestors paint: WCAG 1.4.3. What lies over it by position is axe's.
  if (colours) {
    const paint = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const known = new Map()
    const rgba = text => {
      if (!known.has(text)) {
        paint.clearRect(0, 0, 1, 1)
        paint.fillStyle = text
        paint.fillRect(0, 0, 1, 1)
        const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data
        known.set(text, [r, g, b, a / 255])
      }
      return known.get(text)
    }
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1)
    const light = colour => {
      const [r, g, b] = colour.map(part => part / 255).map(part =>
        part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const grounds = new Map()
    const ground = element => {
      if (element === null) return rgba(getComputedStyle(main).colorScheme === 'dark' ? '#121212' : '#fff')
      if (!grounds.has(element)) {
        const own = rgba(getComputedStyle(element).backgroundColor)
        grounds.set(element, own[3] === 1 ? own : over(own, ground(element.parentElement)))
      }
      return grounds.get(element)
    }
    const seen = new Set()
    const judge = element => {
      const box = element.getBoundingClientRect()
      if (box.width <= 1 || box.height <= 1 || element.closest('svg, [disabled], [aria-disabled=true]')) return
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return
      const style = getComputedStyle(element)
      const ink = [...rgba(style.color)]
      for (let up = element; up; up = up.parentElement) ink[3] *= Number(getComputedStyle(up).opacity)
      const below = ground(element)
      const size = parseFloat(style.fontSize)
      const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
      const key = `${ink} ${below} ${least}`
      if (seen.has(key)) return
      seen.add(key)
      const [more, less] = [light(over(ink, below)), light(below)].sort((a, b) => b - a)
      const ratio = (more + 0.05) / (less + 0.05)
      if (ratio < least) found.push(`contrast ${ratio.toFixed(2)} where ${least} is asked: ${words(element)}`)
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const judged = new Set()
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement
      if (texts.currentNode.data.trim() && !judged.has(element)) {
        judged.add(element)
        judge(element)
      }
    }
    document.querySelectorAll('input:not([type=hidden]), select, textarea').forEach(judge)
  }
  return found
}
