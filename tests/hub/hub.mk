# hub.mk: the class server of notebooks/jupyterhub_config.py with several students.

hub: $(NABLA) ## JupyterHub with the course's configuration: three students at once, memory limits
	$(call PYTEST,300) tests/hub

.PHONY: hub
