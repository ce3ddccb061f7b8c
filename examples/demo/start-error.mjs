/** Something that whoever starts the demo can mend, so that the message is enough and a stack would be noise. */
export class StartError extends Error {}
