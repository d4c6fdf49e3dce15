// Starts Blazor, and restores the page automatically after the connection or the host was lost.

const pause = 500;
const banner = document.getElementById("reconnect");
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
let isDown = false;

const isReady = async () => {
  try {
    return (await fetch("health/ready", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
};

// True: the same circuit continues. False: it is gone, or the hub refuses us.
const reconnect = async () => {
  try {
    return await Blazor.reconnect();
  } catch {
    return false;
  }
};

const comeBack = async () => {
  while (isDown) {
    if (await isReady()) {
      // A host that was started again does not know this page: load it again. Its address holds what was shown.
      if (!(await reconnect())) {
        // What was typed is kept in this browser (drafts.js) and offered again: no question is in the way of coming back.
        addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });
        location.reload();
      }
      return;
    }
    await wait(pause);
  }
};

// Whose page is no longer theirs leaves it, whatever is unsaved on it: no question may hold it (Components/SessionGuard.razor).
globalThis.pilotLeave = (address) => {
  addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });
  location.replace(address);
};

// What changed in a text area for templates; see template-editor.js.
Blazor.registerCustomEventType("templatedelta", { createEventArgs: (event) => event.detail });

Blazor.start({
  circuit: {
    reconnectionHandler: {
      onConnectionDown: () => {
        isDown = true;
        banner.hidden = false;
        comeBack();
      },
      onConnectionUp: () => {
        isDown = false;
        banner.hidden = true;
      },
    },
  },
});
