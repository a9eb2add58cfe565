"""Running Rasa: loading a model, one turn, its stores."""
