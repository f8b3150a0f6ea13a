// Every page works without this file. It wakes the components and makes leaving quicker.
import { initAll } from "./vendor/govuk-frontend.min.js";

initAll();

const leave = document.querySelector("[data-leave]");
if (leave) {
  // Replacing the page takes it out of the list behind the Back button.
  leave.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.hidden = true;
    window.location.replace(leave.href);
  });
}
