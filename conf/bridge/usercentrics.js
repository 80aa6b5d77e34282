/* Usercentrics 2 and 3: before its script; by the names of its categories */

(function () {
    async function mirror() {
        var cmp = window.__ucCmp || window.UC_UI, choice = {}, info;
        var required = await cmp.isConsentRequired(), chosen = false;

        if (cmp.getConsentDetails) {
            info = await cmp.getConsentDetails();

            Object.keys(info.categories).forEach(function (name) {
                choice[name] = info.categories[name].state === 'ALL_ACCEPTED';
            });

            chosen = Object.values(info.services).some(function (service) {
                return service.consent.type === 'EXPLICIT';
            });

        } else {
            cmp.getServicesBaseInfo().forEach(function (service) {
                var name = service.categorySlug;

                choice[name] = choice[name] !== false
                               && service.consent.status;
                chosen = chosen || service.consent.history.some(
                    function (event) { return event.type === 'explicit'; });
            });
        }

        consentBridge(chosen && !required ? choice : null);
    }

    ['UC_UI_INITIALIZED', 'UC_CONSENT', 'UC_UI_CMP_EVENT',
     'UC_UI_VIEW_CHANGED'].forEach(function (name) {
        addEventListener(name, mirror);
    });
})();
