// Says that scripts run, before the page is drawn. The components' own styles wait for these two names.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
