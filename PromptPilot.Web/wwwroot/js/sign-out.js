// Signing out leaves no drafts behind in this browser.
document.querySelector("form")?.addEventListener("submit", () => {
  try {
    Object.keys(localStorage).filter((key) => key.startsWith("pilot-draft:")).forEach((key) => localStorage.removeItem(key));
  } catch {
    // Storage is switched off: there are none.
  }
});
