//! The bytes of a WebAssembly program: sections, numbers and names, as far as we change any.

/// This file: what it makes is made anew when it changes.
pub(crate) const SOURCE: &str = include_str!("wasm.rs");

/// Bytes before the first section: magic and version.
pub(crate) const HEADER: usize = 8;
pub(crate) const CUSTOM: u8 = 0;
pub(crate) const IMPORTS: u8 = 2;
pub(crate) const CODE: u8 = 10;
/// The kind of names that are functions'.
pub(crate) const FUNCTION_NAMES: u8 = 1;
/// The kind of an import that is a function.
pub(crate) const FUNCTION: u8 = 0;

/// Reads a program; none where it ends too early or has what wasm-bindgen never makes.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// LEB128.
    pub(crate) fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// The sections of a program, each with its kind.
    pub(crate) fn sections(mut self) -> Option<Vec<(u8, &'a [u8])>> {
        self.take(HEADER)?;
        let mut sections = Vec::new();
        while !self.is_at_end() {
            sections.push((self.byte()?, self.text()?));
        }
        Some(sections)
    }
}

pub(crate) fn put_number(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        out.push(if number == 0 { byte } else { byte | 0x80 });
        if number == 0 {
            return;
        }
    }
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_number(out, text.len());
    out.extend_from_slice(text);
}

/// The bodies of the functions a program has, and the number of the first one: they are numbered from the imported ones on, of
/// which wasm-bindgen's imports are all.
pub(crate) fn functions<'a>(sections: &[(u8, &'a [u8])]) -> Option<(usize, Vec<&'a [u8]>)> {
    let section = |wanted| sections.iter().find(|(kind, _)| *kind == wanted).map(|(_, bytes)| *bytes);
    let imported = section(IMPORTS).map_or(Some(0), |bytes| Reader::new(bytes).number())?;
    let mut code = Reader::new(section(CODE)?);
    let bodies = (0..code.number()?).map(|_| code.text()).collect::<Option<_>>()?;
    Some((imported, bodies))
}

/// A section with the names of functions, which begins with its kind.
pub(crate) fn put_names<'a>(out: &mut Vec<u8>, names: impl ExactSizeIterator<Item = (usize, &'a str)>) {
    let mut known = Vec::new();
    put_number(&mut known, names.len());
    for (number, name) in names {
        put_number(&mut known, number);
        put_text(&mut known, name.as_bytes());
    }
    let mut section = Vec::new();
    put_text(&mut section, b"name");
    section.push(FUNCTION_NAMES);
    put_text(&mut section, &known);
    out.push(CUSTOM);
    put_text(out, &section);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A program that imports one function and has these, each with its name and body.
    pub(crate) fn program(functions: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = unnamed(&functions.iter().map(|(_, body)| *body).collect::<Vec<_>>());
        put_names(&mut out, functions.iter().enumerate().map(|(number, (name, _))| (number + 1, *name)));
        out
    }

    /// The same without names.
    pub(crate) fn unnamed(bodies: &[&[u8]]) -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        let mut add = |kind: u8, section: &[u8]| {
            out.push(kind);
            put_text(&mut out, section);
        };
        let mut imports = vec![1];
        put_text(&mut imports, b"./x_bg.js");
        put_text(&mut imports, b"now");
        imports.extend([0, 0]);
        add(IMPORTS, &imports);
        let mut code = Vec::new();
        put_number(&mut code, bodies.len());
        for body in bodies {
            put_text(&mut code, body);
        }
        add(CODE, &code);
        out
    }
}
