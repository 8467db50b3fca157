"""/broadcast in the chat: `room` is the way in; each other module is one part of the dialogue."""
