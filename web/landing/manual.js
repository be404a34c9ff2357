// The manual's pages: buttons that copy code, and the search. Without a script, all of the text is there.
import { element } from './elements.js'
import { searchField } from './search.js'

const COPIED_MS = 1500

function copyButton(block) {
  const button = element('button', { class: 'copy', type: 'button' }, 'Copy')
  button.addEventListener('click', async () => {
    button.textContent = (await copied(block.querySelector('code'))) ? 'Copied' : 'Press Ctrl+C'
    button.classList.add('copied')
    setTimeout(() => {
      button.textContent = 'Copy'
      button.classList.remove('copied')
    }, COPIED_MS)
  })
  return button
}

/** Copies the text of an element; selects it where the page may not copy, as over HTTP from another machine. */
async function copied(code) {
  try {
    await navigator.clipboard.writeText(code.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(code)
    return false
  }
}

/** Closes the list of pages when one of its links leads to a place on this page. */
function closeAfterChoice(pages) {
  pages.addEventListener('click', (event) => {
    if (event.target.closest('a') && pages.matches(':popover-open')) pages.hidePopover()
  })
}

for (const block of document.querySelectorAll('.code')) block.append(copyButton(block))
closeAfterChoice(document.getElementById('pages'))
document.querySelector('.top nav').before(searchField())
