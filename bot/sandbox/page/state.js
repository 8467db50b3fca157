// What the page knows; one object that all of its modules share.

export const state = {
  people: [], chats: [], viewer: null, chat: null, topic: 0, messages: [], shift: 0,
  replying: null, editing: null, bot: {}, commands: [], busy: new Set(), picked: 0,
};
export const seenKey = (chat) => `seen:${state.viewer.id}:${chat}`;
export const saved = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
export const save = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* no storage */ } };
