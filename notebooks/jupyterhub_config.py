"""Un servidor para la clase: cada estudiante entra con su usuario del sistema, tiene su carpeta con
los cuadernos del curso y un límite de memoria en cada núcleo, y el programa se instala una sola vez.

    make course                                       los cuadernos del estudiante
    .binder/setup hub                                 JupyterHub y su proxy (PyPI, sin Node.js)
    make install PREFIX=/usr/local                    el núcleo, para todos
    cd /srv/nabla-hub && .../.venv/bin/jupyterhub -f .../notebooks/jupyterhub_config.py

Lo que cambia de una sala a otra son variables de entorno:
    NABLA_HUB_CURSO    los cuadernos que recibe cada estudiante (curso/, junto a este archivo)
    NABLA_HUB_MEMORIA  memoria de cada núcleo (1G); el proceso entero tiene el triple como máximo
    NABLA_HUB_HILOS    hilos de cada núcleo (2)
    NABLA_HUB_PRUEBA   con un valor: sin usuarios del sistema; entra cualquiera que dé esa contraseña (8 letras o más)
                       y todo corre con el usuario que lo inicia. Para ensayar, no para una clase.
    NABLA_DATA         carpeta con MNIST, Fashion-MNIST y CIFAR-10, para que nadie los descargue
"""

import os
import re
import resource
import sys

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner

c = get_config()  # noqa: F821 (la pone traitlets)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
COURSE = os.environ.get("NABLA_HUB_CURSO", os.path.join(HERE, "curso"))
MEMORY = os.environ.get("NABLA_HUB_MEMORIA", "1G")
TRIAL = os.environ.get("NABLA_HUB_PRUEBA")


def bytes_of(text):
    number, unit = re.fullmatch(r"(\d+)([KMG]?)", text).groups()
    return int(number) << {"": 0, "K": 10, "M": 20, "G": 30}[unit]


class Limited:
    """Ningún proceso del estudiante pasa de tres veces la memoria de un núcleo. Antes de eso el
    núcleo responde MemoryError y conserva sus variables (NABLA_MEMORY): el límite es para lo demás."""

    def make_preexec_fn(self, name):
        before = super().make_preexec_fn(name)
        limit = max(3 * bytes_of(MEMORY), 2 << 30)  # JupyterLab solo ya reserva 1 GB de direcciones

        def prepare():
            if before:
                before()
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

        return prepare


class ClassSpawner(Limited, LocalProcessSpawner):
    pass


class TrialSpawner(Limited, SimpleLocalProcessSpawner):
    pass


# El primer inicio pone los cuadernos en ~/curso, y los siguientes solo los que falten: borrar uno y
# volver a iniciar el servidor lo deja como nuevo. Lo hace el propio usuario, no el servidor.
START = r"""
mkdir -p "$HOME/curso"
for f in "$NABLA_HUB_CURSO"/*; do
    [ -e "$HOME/curso/${f##*/}" ] || cp "$f" "$HOME/curso/"
done
cd "$HOME" && exec "$0" -m jupyterhub.singleuser "$@"
"""

if TRIAL:
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = TRIAL
    c.Authenticator.allow_all = True
    c.JupyterHub.spawner_class = TrialSpawner
    c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.getcwd(), "casas", "{username}")
else:
    c.JupyterHub.authenticator_class = "pam"
    c.Authenticator.allow_all = True  # quien tiene usuario en la máquina; o allowed_users = {...}
    c.Authenticator.admin_users = set(os.environ.get("NABLA_HUB_PROFESORES", "").split())
    c.JupyterHub.spawner_class = ClassSpawner

c.JupyterHub.bind_url = os.environ.get("NABLA_HUB_URL", "http://:8000")
# El proxy en Python: el de siempre pide Node.js.
c.ConfigurableHTTPProxy.command = [sys.executable, "-c", "from configurable_http_proxy.cli import main; main()"]

c.Spawner.cmd = ["/bin/sh", "-c", START, sys.executable]
c.Spawner.default_url = "/lab/tree/curso/00_bienvenida.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.environment = {
    "NABLA_HUB_CURSO": COURSE,
    "NABLA_MEMORY": MEMORY,
    "NABLA_THREADS": os.environ.get("NABLA_HUB_HILOS", "2"),
    "JUPYTER_CONFIG_PATH": os.path.join(ROOT, ".binder", "jupyter"),  # sin los menús del profesor
    **{name: os.environ[name] for name in ("NABLA_DATA", "NABLA_LANG", "JUPYTER_PATH") if name in os.environ},
}
# Un núcleo olvidado se cierra a la media hora, y el servidor vacío después.
c.Spawner.args = ["--MappingKernelManager.cull_idle_timeout=1800", "--MappingKernelManager.cull_interval=300",
                  "--ServerApp.shutdown_no_activity_timeout=7200"]
if TRIAL and os.geteuid() == 0:
    c.Spawner.args.append("--allow-root")
