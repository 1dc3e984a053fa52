// Passkeys: asks the browser for one when a form marked data-passkey is sent, and sends what it answers.
// Loaded from our own origin. Without it, or without passkeys in the browser, codes and passwords still work.

const read = (id) => JSON.parse(document.getElementById(id).textContent)

/** The options for the browser: on the page, or (signing in without a name) fetched when they are needed. */
async function optionsOf (form) {
  if (form.dataset.options) return read(form.dataset.options)
  const answer = await fetch(form.action, { headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error('no options')
  return answer.json()
}

/** A new passkey; one that shall replace the password must be kept on the device and ask who is there. */
function create (form, options) {
  const wanted = options.creation_options
  const alone = form.elements.passwordless?.checked ?? false
  wanted.publicKey.authenticatorSelection = {
    ...wanted.publicKey.authenticatorSelection,
    residentKey: alone ? 'required' : 'discouraged',
    requireResidentKey: alone,
    ...(alone ? { userVerification: 'required' } : {})
  }
  return window.webauthnJSON.create(wanted)
}

async function send (form, event) {
  event.preventDefault()
  const problem = form.querySelector('[data-passkey-error]')
  if (problem) problem.hidden = true
  try {
    const options = await optionsOf(form)
    const credential = form.dataset.passkey === 'create'
      ? await create(form, options)
      : await window.webauthnJSON.get(options.request_options)
    form.elements.credential.value = JSON.stringify(credential)
    form.submit()
  } catch {
    if (problem) problem.hidden = false
  }
}

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll('[data-needs-passkeys]')) part.hidden = false
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.addEventListener('submit', (event) => send(form, event))
  }
}
