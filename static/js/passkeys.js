// Takes away what needs passkeys where the browser does not know them, and says so when the device gave none.

function show(name, isShown) {
  for (const part of document.querySelectorAll(`[${name}]`)) {
    part.hidden = !isShown;
    part.dataset.live = "";
  }
}

if (!window.PublicKeyCredential) {
  show("data-needs-passkeys", false);
  show("data-without-passkeys", true);
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  show("data-passkey-failed", true);
});

// The Enter key asks the device as well: a form sent without its answer could only be refused.
const button = document.getElementById("passkey");
button?.form?.addEventListener("submit", (event) => {
  event.preventDefault();
  button.click();
});
