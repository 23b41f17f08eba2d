// Shows the profession only where it is asked: of those whose category is "other". Without scripts it is always there,
// and the portal drops it for everybody else.

const profession = document.getElementById("id_profession")?.closest(".field");
const categories = document.querySelectorAll("input[name=category]");

function update() {
  profession.hidden = ![...categories].some((choice) => choice.checked && choice.value === "other");
}

if (profession && categories.length) {
  for (const choice of categories) choice.addEventListener("change", update);
  update();
}
