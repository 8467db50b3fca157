"""/promo and /festivals in the chat; /promos itself is an answer (bot/answers/topics/promo.py)."""
