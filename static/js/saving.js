// What pages that save by themselves share: sending a form's text, and a token that is still good.

export function post(address, data) {
  return fetch(address, {
    method: "POST",
    body: data,
    headers: { "X-Requested-With": "fetch" },
    redirect: "manual",
    cache: "no-store",
  });
}

// After a new log-in in another tab, this page's token is an old one: the page of now has the right one.
export async function renewToken(form) {
  const page = await fetch(location.pathname, { cache: "no-store", redirect: "manual" });
  if (!page.ok) return false;
  const parsed = new DOMParser().parseFromString(await page.text(), "text/html");
  const token = parsed.querySelector(`#${form.id} [name=csrfmiddlewaretoken]`)?.value;
  const isNew = Boolean(token) && token !== form.elements.csrfmiddlewaretoken.value;
  if (isNew) form.elements.csrfmiddlewaretoken.value = token;
  return isNew;
}
