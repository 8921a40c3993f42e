/* oserr.h: why the operating system refused, in the language of the messages. libc has these
 * sentences in Spanish only where its own catalogues are installed.
 *
 *     err_set(e, ERR_IO, _("%s: no se puede abrir: %s"), path, os_reason(errno));
 */
#ifndef BASE_OSERR_H
#define BASE_OSERR_H

#include "base/i18n.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* A static string, or strerror's where the reason is a rare one. */
static inline const char *os_reason(int error) {
    static const struct {
        int error;
        const char *text;
    } reasons[] = {
        {ENOENT, N_("no existe ese archivo o carpeta")},
        {EACCES, N_("no hay permiso")},
        {EPERM, N_("no hay permiso")},
        {EEXIST, N_("ya existe")},
        {ENOTDIR, N_("una parte de la ruta no es una carpeta")},
        {EISDIR, N_("es una carpeta")},
        {ENOTEMPTY, N_("la carpeta no está vacía")},
        {ENAMETOOLONG, N_("el nombre es demasiado largo")},
        {ELOOP, N_("los enlaces de la ruta dan vueltas")},
        {ENOSPC, N_("no queda espacio en el disco")},
        {EDQUOT, N_("no queda espacio en el disco")},
        {EFBIG, N_("el archivo es demasiado grande")},
        {EROFS, N_("el disco es de solo lectura")},
        {EIO, N_("el disco no responde bien")},
        {EMFILE, N_("hay demasiados archivos abiertos")},
        {ENFILE, N_("hay demasiados archivos abiertos")},
        {ENOMEM, N_("no queda memoria")},
        {EAGAIN, N_("el sistema no da más recursos por ahora")},
        {EADDRINUSE, N_("el puerto ya está en uso")},
        {EPIPE, N_("nadie lee al otro lado")},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].error == error)
            return _(reasons[i].text);
    return strerror(error);
}

#endif
