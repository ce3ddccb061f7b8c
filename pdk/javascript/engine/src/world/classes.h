// What an object is, whatever its prototype says, for `structuredClone`.

/// `classOf(object)`: the name of its class; undefined if objects of it cannot be cloned.
static JSValue hc_js_class_of(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
    JSClassID class = JS_GetClassID(argv[0]);
    const char *name = NULL;
    switch ((int)class) {
    case JS_CLASS_OBJECT:
    case JS_CLASS_RAWJSON:
        name = "Object";
        break;
    case JS_CLASS_ARRAY:
        name = "Array";
        break;
    case JS_CLASS_ERROR:
    case JS_CLASS_DOM_EXCEPTION:
        name = "Error";
        break;
    case JS_CLASS_NUMBER:
    case JS_CLASS_STRING:
    case JS_CLASS_BOOLEAN:
    case JS_CLASS_BIG_INT:
        name = "boxed";
        break;
    case JS_CLASS_DATE:
        name = "Date";
        break;
    case JS_CLASS_REGEXP:
        name = "RegExp";
        break;
    case JS_CLASS_ARRAY_BUFFER:
        name = "ArrayBuffer";
        break;
    case JS_CLASS_MAP:
        name = "Map";
        break;
    case JS_CLASS_SET:
        name = "Set";
        break;
    default:
        if (class >= JS_CLASS_UINT8C_ARRAY && class <= JS_CLASS_DATAVIEW)
            name = "view";
    }
    return name ? JS_NewString(ctx, name) : JS_UNDEFINED;
}
