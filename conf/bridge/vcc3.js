/* vanilla-cookieconsent 3: behind its script, before run() */

['cc:onConsent', 'cc:onChange', 'cc:onModalReady'].forEach(function (name) {
    addEventListener(name, function () {
        var own = CookieConsent.getUserPreferences(), choice = {};

        own.rejectedCategories.forEach(function (c) { choice[c] = false; });
        own.acceptedCategories.forEach(function (c) { choice[c] = true; });

        consentBridge(CookieConsent.validConsent() ? choice : null);
    });
});
