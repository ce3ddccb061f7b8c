//! The attributes of `hookcell-pdk`, which documents them.

use proc_macro::{Ident, Span, TokenStream, TokenTree};

/// Exports a function as the plugin's `before_hook`, which runs before the operation.
#[proc_macro_attribute]
pub fn before_hook(arguments: TokenStream, function: TokenStream) -> TokenStream {
    exported(&arguments, function, Some("before_hook"))
}

/// Exports a function as the plugin's `after_hook`, which runs after the operation.
#[proc_macro_attribute]
pub fn after_hook(arguments: TokenStream, function: TokenStream) -> TokenStream {
    exported(&arguments, function, Some("after_hook"))
}

/// Exports a function as a hook with the function's own name.
#[proc_macro_attribute]
pub fn hook(arguments: TokenStream, function: TokenStream) -> TokenStream {
    exported(&arguments, function, None)
}

/// The function as it is, and after it an export that calls it.
fn exported(arguments: &TokenStream, function: TokenStream, export: Option<&str>) -> TokenStream {
    if !arguments.is_empty() {
        return error(Span::call_site(), "this attribute takes no arguments");
    }
    let name = match name_of(&function) {
        Ok(name) => name,
        Err((span, message)) => return error(span, message),
    };
    let own_name = name.to_string();
    let export = export.unwrap_or(&own_name);
    let glue = format!(
        "const _: () = {{
            #[cfg_attr(target_arch = \"wasm32\", unsafe(export_name = \"{export}\"))]
            extern \"C\" fn exported(ptr: usize, len: usize) -> u64 {{
                ::hookcell_pdk::__call(ptr, len, {name})
            }}
            const _: extern \"C\" fn(usize, usize) -> u64 = exported;
        }};"
    );
    match glue.parse::<TokenStream>() {
        // An error of a type is then shown at the function, not at the attribute.
        Ok(glue) => function.into_iter().chain(spanned(glue, &own_name, name.span())).collect(),
        Err(_) => error(name.span(), "this name cannot be exported"),
    }
}

/// The name of the function. The error says where it is not a function that can be a hook.
fn name_of(function: &TokenStream) -> Result<Ident, (Span, &'static str)> {
    let mut tokens = function.clone().into_iter();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(word) = token else { continue };
        match word.to_string().as_str() {
            "async" => return Err((word.span(), "a hook cannot be async: it has nothing to wait for")),
            "fn" => {
                let Some(TokenTree::Ident(name)) = tokens.next() else { break };
                return match tokens.next() {
                    Some(TokenTree::Punct(_)) => Err((name.span(), "a hook cannot be generic: name its types")),
                    _ => Ok(name),
                };
            }
            "pub" | "const" | "unsafe" | "extern" => {}
            _ => break,
        }
    }
    Err((Span::call_site(), "a hook is a function: fn before(ctx: Context) -> Answer"))
}

/// The tokens with each `name` in them at `span`.
fn spanned(tokens: TokenStream, name: &str, span: Span) -> TokenStream {
    let at_span = |token| match token {
        TokenTree::Ident(mut ident) if ident.to_string() == name => {
            ident.set_span(span);
            TokenTree::Ident(ident)
        }
        TokenTree::Group(group) => {
            let mut inner = proc_macro::Group::new(group.delimiter(), spanned(group.stream(), name, span));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    };
    tokens.into_iter().map(at_span).collect()
}

fn error(span: Span, message: &str) -> TokenStream {
    let tokens = format!("compile_error!({message:?});").parse::<TokenStream>().unwrap_or_default();
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}
