// A plain form is sent once: a second click would be refused, and its answer shown in place of the first one's.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented) {
    return
  }
  if (event.target.dataset.sent) {
    event.preventDefault()
  }
  event.target.dataset.sent = 'true'
})
// When the browser restores the page from its cache, the form can be sent again.
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent))
