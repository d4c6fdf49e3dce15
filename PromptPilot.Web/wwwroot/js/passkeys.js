// Passkeys on the plain pages: asks the server for a challenge, the browser for a credential, and sends that with the button's
// form.
for (const button of document.querySelectorAll('button[data-passkey]')) {
  const form = button.form
  const notice = form.querySelector('[data-passkey-notice]')
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    button.hidden = true
    continue
  }
  form.hidden = false
  button.addEventListener('click', async () => {
    if (!form.reportValidity()) {
      return
    }
    notice.textContent = ''
    try {
      const answer = await fetch(button.dataset.passkeyOptions, { method: 'POST', body: new FormData(form) })
      if (!answer.ok) {
        throw new Error(answer.status === 429
          ? 'Too many attempts. Wait a minute, then try again.'
          : 'This page is out of date. Reload it.')
      }
      const options = await answer.json()
      const credential = button.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      form.querySelector('[data-passkey-credential]').value = JSON.stringify(credential)
      form.submit()
    } catch (error) {
      notice.textContent = error.name === 'NotAllowedError' ? 'No passkey was provided. Try again.'
        : error.name === 'InvalidStateError' ? 'This device already has a passkey for your account.'
        : error.name === 'SecurityError' ? 'Passkeys require a secure address. '
          + 'Open the portal over https with its host name, or on localhost.'
        : error.message
    }
  })
}
