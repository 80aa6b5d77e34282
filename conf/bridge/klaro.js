/* Klaro: behind its script; by the names of its services */

klaro.addEventListener('render', function (config) {
    function mirror(manager) {
        consentBridge(manager.confirmed ? manager.savedConsents : null);
    }

    klaro.getManager(config).watch({ update: mirror });
    mirror(klaro.getManager(config));
});
