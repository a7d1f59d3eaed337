/**
 * What the image loaders of Debian's packages say of themselves, by their files: the lines that gdk-pixbuf-query-loaders(1) of
 * bookworm and trixie, which agree, wrote. A loader is a shared library, and none is loaded here.
 */
export const PIXBUF_LOADERS: Readonly<Record<string, string>> = {
  'io-wmf.so': String.raw`"wmf" 0 "gdk-pixbuf" "Windows Metafile" ""
"image/x-wmf" ""
"wmf" "apm" ""
"\327\315\306\232" "" 100
"\001" "" 100`,
  'libpixbufloader-ani.so': `"ani" 4 "gdk-pixbuf" "Windows animated cursor" "LGPL"
"application/x-navi-animation" ""
"ani" ""
"RIFF    ACON" "    xxxx    " 100`,
  'libpixbufloader-avif.so': `"avif" 5 "gdk-pixbuf" "AV1 Image File Format" "BSD"
"image/avif" ""
"avif" ""
"    ftypavif" "zzz         " 100`,
  'libpixbufloader-bmp.so': `"bmp" 5 "gdk-pixbuf" "BMP" "LGPL"
"image/bmp" "image/x-bmp" "image/x-MS-bmp" ""
"bmp" ""
"BM" "" 100`,
  'libpixbufloader-gif.so': `"gif" 4 "gdk-pixbuf" "GIF" "LGPL"
"image/gif" ""
"gif" ""
"GIF8" "" 100`,
  'libpixbufloader-heif.so': `"heif/avif" 4 "pixbufloader-heif" "HEIF/AVIF Image" "LGPL3"
"image/heif" "image/heic" "image/avif" ""
"heif" "heic" "avif" ""
"    ftyp" "xxxx    " 100`,
  'libpixbufloader-icns.so': `"icns" 4 "gdk-pixbuf" "MacOS X icon" "GPL"
"image/x-icns" ""
"icns" ""
"icns" "" 100`,
  'libpixbufloader-ico.so': String.raw`"ico" 5 "gdk-pixbuf" "Windows icon" "LGPL"
"image/x-icon" "image/x-ico" "image/x-win-bitmap" "image/vnd.microsoft.icon" "application/ico" "image/ico" "image/icon" "text/ico" ""
"ico" "cur" ""
"  \001   " "zz znz" 100
"  \002   " "zz znz" 100`,
  'libpixbufloader-jxl.so': String.raw`"jxl" 5 "gdk-pixbuf" "JPEG XL image" "BSD-3"
"image/jxl" ""
"jxl" ""
"\377\n" "  " 100
"...\fJXL \r\n\207\n" "zzz         " 100`,
  'libpixbufloader-pnm.so': `"pnm" 4 "gdk-pixbuf" "PNM/PBM/PGM/PPM" "LGPL"
"image/x-portable-anymap" "image/x-portable-bitmap" "image/x-portable-graymap" "image/x-portable-pixmap" ""
"pnm" "pbm" "pgm" "ppm" ""
"P1" "" 100
"P2" "" 100
"P3" "" 100
"P4" "" 100
"P5" "" 100
"P6" "" 100`,
  'libpixbufloader-qtif.so': `"qtif" 4 "gdk-pixbuf" "QuickTime" "LGPL"
"image/x-quicktime" "image/qtif" ""
"qtif" "qif" ""
"abcdidsc" "xxxx    " 100
"abcdidat" "xxxx    " 100`,
  'libpixbufloader-svg.so': `"svg" 6 "gdk-pixbuf" "Scalable Vector Graphics" "LGPL"
"image/svg+xml" "image/svg" "image/svg-xml" "image/vnd.adobe.svg+xml" "text/xml-svg" "image/svg+xml-compressed" ""
"svg" "svgz" "svg.gz" ""
" <svg" "*    " 100
" <!DOCTYPE svg" "*             " 100`,
  'libpixbufloader-tga.so': String.raw`"tga" 4 "gdk-pixbuf" "Targa" "LGPL"
"image/x-tga" ""
"tga" "targa" ""
" \001\001" "x  " 100
" \001\t" "x  " 100
"  \002" "xz " 99
"  \003" "xz " 100
"  \n" "xz " 100
"  \v" "xz " 100`,
  'libpixbufloader-tiff.so': String.raw`"tiff" 5 "gdk-pixbuf" "TIFF" "LGPL"
"image/tiff" ""
"tiff" "tif" ""
"MM *" "  z " 100
"II* " "   z" 100
"II* \020   CR\002 " "   z zzz   z" 0`,
  'libpixbufloader-webp.so': `"webp" 5 "gdk-pixbuf" "The WebP image format" "LGPL"
"image/webp" "audio/x-riff" ""
"webp" ""
"RIFFsizeWEBP" "    xxxx    " 100`,
  'libpixbufloader-xbm.so': `"xbm" 4 "gdk-pixbuf" "XBM" "LGPL"
"image/x-xbitmap" ""
"xbm" ""
"#define " "" 100
"/*" "" 50`,
  'libpixbufloader-xpm.so': `"xpm" 4 "gdk-pixbuf" "XPM" "LGPL"
"image/x-xpixmap" ""
"xpm" ""
"/* XPM */" "" 100`,
  'libpixbufloader_svg.so': `"svg" 6 "gdk-pixbuf" "Scalable Vector Graphics" "LGPL"
"image/svg+xml" "image/svg" "image/svg-xml" "image/vnd.adobe.svg+xml" "text/xml-svg" "image/svg+xml-compressed" ""
"svg" "svgz" "svg.gz" ""
" <svg" "*    " 100
" <!DOCTYPE svg" "*             " 100`,
};

/** The same of GTK's input methods, as gtk-query-immodules-2.0 and -3.0 wrote them; `gtk@` is the version's own domain. */
export const INPUT_METHODS: Readonly<Record<string, string>> = {
  'im-am-et.so': '"am_et" "Amharic (EZ+)" "gtk@" "/usr/share/locale" "am"',
  'im-broadway.so': '"broadway" "Broadway" "gtk@" "/usr/share/locale" ""',
  'im-cedilla.so': '"cedilla" "Cedilla" "gtk@" "/usr/share/locale" "az:ca:co:fr:gv:oc:pt:sq:tr:wa"',
  'im-cyrillic-translit.so': '"cyrillic_translit" "Cyrillic (Transliterated)" "gtk@" "/usr/share/locale" ""',
  'im-fcitx.so': '"fcitx" "Fcitx (Flexible Input Method Framework)" "fcitx" "/usr/share/locale" "ja:ko:zh:*"',
  'im-fcitx5.so':
    '"fcitx" "Fcitx5 (Flexible Input Method Framework5)" "fcitx5" "/usr/locale" "ja:ko:zh:*"\n"fcitx5" "Fcitx5 (Flexible Input Method Framework5)" "fcitx5" "/usr/locale" "ja:ko:zh:*"',
  'im-gcin.so': '"gcin" "gcin Input Method" "gcin" "/usr/share/locale" "zh:ja"',
  'im-hime.so': '"hime" "hime Input Method" "hime" "/usr/share/locale" "zh:ja"',
  'im-ibus.so': '"ibus" "IBus (Intelligent Input Bus)" "ibus" "" "ja:ko:zh:*"',
  'im-inuktitut.so': '"inuktitut" "Inuktitut (Transliterated)" "gtk@" "/usr/share/locale" "iu"',
  'im-ipa.so': '"ipa" "IPA" "gtk@" "/usr/share/locale" ""',
  'im-multipress.so': '"multipress" "Multipress" "gtk@" "/usr/share/locale" ""',
  'gtk-2.0/im-multipress.so': '"multipress" "Multipress" "gtk@" "" ""',
  'im-scim.so': '"scim" "SCIM Input Method" "" "" ""',
  'im-thai.so': '"thai" "Thai-Lao" "gtk@" "/usr/share/locale" "lo:th"',
  'im-ti-er.so': '"ti_er" "Tigrigna-Eritrean (EZ+)" "gtk@" "/usr/share/locale" "ti"',
  'im-ti-et.so': '"ti_et" "Tigrigna-Ethiopian (EZ+)" "gtk@" "/usr/share/locale" "ti"',
  'im-uim.so': '"uim" "uim" "uim" "/usr/share/locale" "ja:ko:zh:*"',
  'im-viqr.so': '"viqr" "Vietnamese (VIQR)" "gtk@" "/usr/share/locale" ""',
  'im-wayland.so': '"wayland" "Wayland" "gtk@" "/usr/share/locale" ""',
  'im-xim.so': '"xim" "X Input Method" "gtk@" "/usr/share/locale" "ko:ja:th:zh"',
};

/** The extension points that modules of GIO implement, as gio-querymodules(1) wrote them. */
export const GIO_MODULES: Readonly<Record<string, string>> = {
  'libdconfsettings.so': 'gsettings-backend',
  'libgioenvironmentproxy.so': 'gio-proxy-resolver',
  'libgiognomeproxy.so': 'gio-proxy-resolver',
  'libgiognutls.so': 'gio-tls-backend',
  'libgiolibproxy.so': 'gio-proxy-resolver',
  'libgioremote-volume-monitor.so': 'gio-native-volume-monitor,gio-volume-monitor',
  'libgvfsdbus.so': 'gio-vfs,gio-volume-monitor',
  'libxfconfgsettingsbackend.so': 'gsettings-backend',
};
