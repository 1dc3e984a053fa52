// Compiles scss/portal.scss to ../static/css/portal.css and records what was built from what in
// ../static/VENDORED.json. With --check it builds nothing and fails when the committed file is stale.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const version = (name) => JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version
const govuk = version('govuk-frontend')

// Each colour is declared once on :root, so the fallback that Sass writes beside every use is only weight.
const withoutFallbacks = (css) => css.replace(/var\((--govuk-[a-z-]+), ?#[0-9a-f]{3,8}\)/gi, 'var($1)')

// The typeface is named once on :root, for screen and for paper, and smoothed once on the body, which all inherit;
// Sass writes all of it for every component.
const FACE = '"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif'
const PAPER = '"Helvetica Neue",Arial,"Liberation Sans",sans-serif'
const SMOOTH = '-webkit-font-smoothing:antialiased;-moz-osx-font-smoothing:grayscale'
const onceForAll = (css) => `:root{--face:${FACE}}@media print{:root{--face:${PAPER}}}body{${SMOOTH}}` + css
  .replaceAll(new RegExp(`@media print\\{[^{}]+\\{font-family:${PAPER}\\}\\}`, 'g'), '')
  .replaceAll(`font-family:${FACE}`, 'font-family:var(--face)')
  .replaceAll(new RegExp(`;?${SMOOTH}`, 'g'), '')

function compile () {
  const { css } = sass.compile(join(here, 'scss', 'portal.scss'), {
    style: 'compressed',
    loadPaths: [join(here, 'node_modules')],
    charset: false
  })
  const note = `/* Built by frontend/build.mjs; edit frontend/scss instead. Contains parts of GOV.UK Frontend ${govuk}, ` +
    '(c) Crown copyright, MIT licence: see LICENCE-govuk-frontend.txt. */\n'
  return note + onceForAll(withoutFallbacks(css)) + '\n'
}

function manifest (css) {
  const sources = {}
  for (const name of readdirSync(join(here, 'scss')).sort()) {
    sources[`frontend/scss/${name}`] = sha256(readFileSync(join(here, 'scss', name)))
  }
  const own = (path) => ({ sha256: sha256(readFileSync(join(root, path))), source: 'our own' })
  const files = {
    'static/css/LICENCE-govuk-frontend.txt': {
      sha256: sha256(readFileSync(join(root, 'static/css/LICENCE-govuk-frontend.txt'))),
      source: `govuk-frontend ${govuk}`
    },
    'static/css/portal.css': {
      sha256: sha256(css),
      source: `govuk-frontend ${govuk} and frontend/scss, compiled with sass ${version('sass')}`
    },
    'static/js/LICENCE-htmx.txt': { sha256: sha256(vendored['static/js/LICENCE-htmx.txt']), source: `htmx.org ${version('htmx.org')}` },
    'static/js/htmx.min.js': { sha256: sha256(vendored['static/js/htmx.min.js']), source: `htmx.org ${version('htmx.org')}, as published` },
    'static/images/favicon.svg': own('static/images/favicon.svg'),
    'static/js/passkeys.js': own('static/js/passkeys.js'),
    'static/js/portal.js': own('static/js/portal.js')
  }
  return JSON.stringify({ note: 'Written by npm run build in frontend/.', files, sources }, null, 2) + '\n'
}

// htmx is served as it was published: only the pages that follow a job load it.
const htmx = (path) => readFileSync(join(here, 'node_modules', 'htmx.org', path), 'utf8')
const vendored = { 'static/js/htmx.min.js': htmx('dist/htmx.min.js'), 'static/js/LICENCE-htmx.txt': htmx('LICENSE') }

const css = compile()
const outputs = { 'static/css/portal.css': css, ...vendored, 'static/VENDORED.json': manifest(css) }
if (process.argv.includes('--check')) {
  const stale = Object.entries(outputs).filter(([path, text]) => readFileSync(join(root, path), 'utf8') !== text)
  for (const [path] of stale) console.error(`${path} is not what the sources build: run npm run build in frontend/`)
  process.exit(stale.length ? 1 : 0)
}
for (const [path, text] of Object.entries(outputs)) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  console.log(`${path}: ${Buffer.byteLength(text)} bytes`)
}
