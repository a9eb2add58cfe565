"""Programs write here: the same requests and answers as Rasa's REST channel."""
